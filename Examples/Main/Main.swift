import InprocPeer

@main
struct Main {
  static func main() async {
    await InprocPeer.main()
  }
}
