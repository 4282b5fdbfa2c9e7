# status: ok
# says: first\n
(while :; do echo more; done) &
echo first
