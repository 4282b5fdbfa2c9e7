# status: ok
cp /usr/bin/id ./mine; chmod 6755 ./mine
for what in "./mine -u" "su -c id" "sudo -n id -u" "mount -t tmpfs none /tmp" "chroot / id -u" "unshare -r id -u" "unshare -Urm id" "nsenter -t 1 -a id -u" "newgrp root" "passwd -d root"; do
  case "$(timeout 2 $what </dev/null 2>/dev/null)" in 0|uid=0*) echo "ESCAPED: $what" ;; esac
done
grep -q '^NoNewPrivs:.1$' /proc/self/status || echo "ESCAPED: may gain privileges"
grep -E '^Cap(Inh|Prm|Eff|Amb)' /proc/self/status | grep -v '0000000000000000$' && echo "ESCAPED: capabilities"
exit 0
