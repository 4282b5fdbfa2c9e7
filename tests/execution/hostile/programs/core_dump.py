# status: error
# signal: SIGABRT
import os
os.abort()
