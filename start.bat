@echo off
rem Starts fourhands from a checkout on Windows. Its server needs Linux, so this starts start.sh in WSL, Windows' own Linux.
rem   start.bat                  http://localhost:8000 in any browser here; Ctrl+C ends it
rem   start.bat --port 9000      options are those of "fourhands serve" (docs/operations.md)
setlocal
cd /d "%~dp0"

where wsl.exe >nul 2>nul
if errorlevel 1 goto no_wsl
wsl.exe --exec true >nul 2>nul
if errorlevel 1 goto no_linux
wsl.exe --exec python3 -c "import sys; sys.exit(sys.version_info < (3, 11))" >nul 2>nul
if errorlevel 1 goto no_python
wsl.exe --exec python3 -c "import ensurepip, venv" >nul 2>nul
if errorlevel 1 goto no_python

wsl.exe --exec sh ./start.sh %*
exit /b %errorlevel%

:no_wsl
echo error: this needs Windows 10 (2004) or newer with WSL. As an administrator:  wsl --install    then restart Windows and try again. 1>&2
echo Where there is Docker Desktop, compose.yml is another way: docs\operations.md says how. 1>&2
exit /b 1

:no_linux
echo error: WSL is here, but no Linux in it. Run:  wsl --install -d Debian    then try again. 1>&2
exit /b 1

:no_python
echo error: the Linux in WSL has no Python 3.11 or newer with venv. Run:  wsl -u root apt-get update    and:  wsl -u root apt-get install -y python3 python3-venv 1>&2
exit /b 1
