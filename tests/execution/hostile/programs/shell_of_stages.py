# status: ok
# says: ^waited
import subprocess
print("waited", subprocess.run(["sh", "-c", "exit 3"]).returncode)
