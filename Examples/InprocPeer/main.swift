print("inproc-peer")
