# status: ok error killed
kill -9 -1
kill -9 1 2
echo still
