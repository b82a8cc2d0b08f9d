#!/usr/bin/env bash
# The first process of an edge container: starts HAProxy and keepalived, and ends when one of them ends. Then the other proxy
# takes the virtual IP: an ending keepalived says so at once (VRRP priority 0), and a dead one is missed within 0.8 s.
set -euo pipefail

cat >/run/keepalived.conf <<END
global_defs {
  router_id $HOSTNAME
  script_user root
  enable_script_security
  vrrp_version 3
}
# keepalived refuses a program whose path is a link, as /bin is. Without a living HAProxy the address goes.
vrrp_script lives {
  script "/usr/bin/bash /edge/check.sh"
  interval 1
  timeout 1
  fall 2
  rise 2
}
# A proxy that was cut off comes back believing that it has the address, and would answer 503, for it sees no server yet. So the
# address goes here, too. When neither sees any server, nobody has it, until one does.
vrrp_script serves {
  script "/usr/bin/bash /edge/check.sh /serves"
  interval 1
  timeout 1
  fall 2
  rise 2
}
# The claim of the proxy that took the address last counts for 120 points more, and for 10 less every 10 s. One that was frozen wakes up
# with its older claim and gives way, unless it was frozen for longer than it had had the address. With equal claims the higher address
# would win, and connections would end a second time.
track_file fresh {
  file "/run/fresh"
  weight 1
  init_file 0
}
vrrp_instance edge {
  # Both begin as BACKUP with the same priority, and nobody takes the address back from one that serves.
  state BACKUP
  nopreempt
  priority 100
  interface eth0
  virtual_router_id 17
  advert_int 0.2
  # Docker networks carry no multicast.
  unicast_src_ip $OWN_IP
  unicast_peer {
    $PEER_IP
  }
  check_unicast_src
  # Repeated, because a neighbour that misses the announcement goes on sending to the other container, and one that has just asked
  # for the address ignores a new answer for a second (neigh.locktime).
  garp_master_repeat 3
  garp_master_delay 1
  garp_master_refresh 1
  virtual_ipaddress {
    $VIRTUAL_IP/24
  }
  track_script {
    lives
    serves
  }
  track_file {
    fresh
  }
  notify_master "/usr/bin/bash /edge/fresh.sh 120"
  notify_backup "/usr/bin/bash /edge/fresh.sh 0"
  notify_fault "/usr/bin/bash /edge/fresh.sh 0"
}
END

perl /start/neighbours.pl || true
setpriv --reuid=haproxy --regid=haproxy --init-groups --bounding-set=-net_admin --inh-caps=-net_admin \
  haproxy -W -db -f /usr/local/etc/haproxy/haproxy.cfg &
haproxy=$!
# Asked before it listens, HAProxy counts as dead for 2 s, in which this proxy could not take the address.
for _ in {1..50}; do
  ! bash /edge/check.sh 2>/dev/null || break
  sleep 0.1
done
keepalived --dont-fork --log-console --use-file /run/keepalived.conf &
keepalived=$!

while sleep 10; do
  points=$(cat /run/fresh 2>/dev/null) || continue
  ((points == 0)) || bash /edge/fresh.sh $((points - 10))
done &

# A reload for HAProxy; an end for both, keepalived first, which gives the address away.
trap 'kill -USR2 $haproxy' USR2
trap 'kill $keepalived 2>/dev/null; sleep 0.3; kill $haproxy 2>/dev/null' TERM INT USR1
while kill -0 $haproxy 2>/dev/null && kill -0 $keepalived 2>/dev/null; do
  # Also returns for a signal that was trapped.
  wait -n $haproxy $keepalived || true
done
kill $keepalived $haproxy 2>/dev/null || true
# Not for the loop, which never ends.
wait $haproxy $keepalived || true
