# status: output_limit
# terminal: yes
import os
while True:
    os.write(1, b"y" * 4096)
