# status: wall_time ok
# limits: wall_seconds=0.5
kill -STOP 1 2
kill -STOP -1
sleep 100
