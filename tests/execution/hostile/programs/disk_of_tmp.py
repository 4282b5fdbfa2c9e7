# status: ok
size = 0
try:
    with open("/tmp/big", "wb", buffering=0) as file:
        while size < 64 << 20:
            size += file.write(bytes(1 << 20))
    print("ESCAPED: 64 MB in /tmp")
except OSError:
    pass
