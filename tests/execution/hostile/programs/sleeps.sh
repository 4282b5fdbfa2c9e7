# status: wall_time
# limits: wall_seconds=0.5
sleep 1000
