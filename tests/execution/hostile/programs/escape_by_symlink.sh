# status: ok
ln -s /etc/shadow a; ln -s /proc/1/root b; ln -s ../../../../../../../../root c; ln -s "/proc/self/root"/etc/shadow d
mkdir -p x/y; cd x/y; rm -rf ../../x
for path in ../../../../../../etc/shadow /box/a /box/b/etc/shadow /box/c /box/d /../../../etc/shadow; do
  if head -c 1 "$path" 2>/dev/null | grep -q .; then echo "ESCAPED: $path"; fi
done
exit 0
