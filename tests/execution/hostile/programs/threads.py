# status: ok
# says: ^started (\d|[1-5]\d|6[0-6])\n
import threading, time
started = 0
try:
    while started < 5000:
        threading.Thread(target=time.sleep, args=(0.2,), daemon=True).start()
        started += 1
except RuntimeError:
    pass
print("started", started)
