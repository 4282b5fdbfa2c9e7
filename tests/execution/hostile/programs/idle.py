# status: wall_time
# terminal: yes
# limits: wall_seconds=30 idle_seconds=0.5
input()
