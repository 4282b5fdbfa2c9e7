# status: ok
import glob, os
for path in glob.glob("/proc/[0-9]*/environ"):
    try:
        names = {entry.split(b"=")[0].decode() for entry in open(path, "rb").read().split(b"\0") if entry}
    except OSError:
        continue
    if alien := names - {"PATH", "HOME", "LANG", "TMPDIR", "USER", "TERM", "FOURHANDS_PICTURES", "PWD", "OLDPWD", "LC_CTYPE", "PYTHONDONTWRITEBYTECODE",
            "PYTHONPATH", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MPLBACKEND", "MPLCONFIGDIR"}:
        print("ESCAPED:", path, alien)
if any("SECRET" in name for name in os.environ):
    print("ESCAPED: a secret")
