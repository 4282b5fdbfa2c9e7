# status: ok error wall_time cpu_time killed
f() { f | f & }
f
wait
