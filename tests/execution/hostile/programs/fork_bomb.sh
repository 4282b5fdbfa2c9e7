# status: ok error wall_time cpu_time killed
# limits: wall_seconds=2
f() { f | f & }
f
wait
