#!/bin/bash
# Under load: smbd processes get SIGKILL while they use records, then the daemon of one node gets it under smbd's feet. Clients
# of the other nodes go on, the node comes back, and no record stays locked.

. "$(dirname "$0")/lib.sh"

need_smb
[ "$(size)" -gt 1 ] || give_up 'needs two nodes'
T0=$(now)
KILLS=${KILLS:-20}
VICTIM=1
DATABASES='locking.tdb brlock.tdb leases.tdb g_lock.tdb smbXsrv_open_global.tdb smbXsrv_session_global.tdb smbXsrv_tcon_global.tdb'
DIR=killed.$$
for i in $(nodes); do echo "//$(node_ip "$i")/$SMB_SHARE"; done >"$(node_dir client)/run/unclist"
declare -A IDLE

smbds() { on "$1" pidof smbd 2>/dev/null | tr ' ' '\n' | sort; }
no_sessions() { ! on "$1" ss -Htn state established '( sport = :445 )' | grep -q .; }
# Those that serve clients: all but the ones that are there without.
serving() { comm -13 <(echo "${IDLE[$1]}") <(smbds "$1"); }
generation() { ctdb_on "$1" status 2>/dev/null | awk -F: '$1 == "Generation" { print $2 }'; }
worst() { awk 'NR > 1 && $1 - last > gap { gap = $1 - last } { last = $1 } END { printf "%.1f", gap }' <<<"$1"; }
# free I: can all records of node I's volatile databases be locked?
free() {
	local paths='' db
	for db in $DATABASES; do paths="$paths /var/lib/ctdb/volatile/$db.$1"; done
	# shellcheck disable=SC2086
	on "$1" "$HERE/free_of_locks.py" $paths >/dev/null 2>&1
}
# Does ctdbd of node I neither hold nor wait for locks, nor have calls under way?
at_rest() {
	[ "$(ctdb_on "$1" statistics 2>/dev/null | awk '
		$1 == "locks" { in_locks = 1 }
		in_locks && ($1 == "num_current" || $1 == "num_pending") { n += $2 }
		END { print n + 0 }')" = 0 ]
}
nothing_left() {
	local i
	for i in $(nodes); do
		t "$1: $i: no record stays locked" wait_for 15 free "$i"
		t "$1: $i: ctdbd waits for nothing" wait_for 15 at_rest "$i"
	done
}
serves() { smb "$(node_ip "$1")" -D "$DIR" -c "put /etc/hosts after$1; rm after$1" >/dev/null 2>&1; }

# load NAME SECONDS: byte-range locks of six clients through all nodes, and on each node short sessions that note when they
# succeeded
# smbd finds byte-range locks of dead processes only through the open file that they belonged to; where that is gone, they wait in brlock.tdb
# for the next file with the same inode number (with C daemons too). A second name, from the beginning, keeps the number in use.
load() {
	local i
	bg client "$1locks" smbtorture "//$(node_ip 0)/$SMB_SHARE" -U "$SMB_USER%$SMB_PASS" --unclist=/run/unclist \
		raw.bench-lock -t "$2" --option=torture:nprocs=6
	t "$1: the file with byte-range locks gets a second name" wait_for 15 ln "$SHARED/data/benchlock/lock.dat" "$SHARED/data/$DIR/locked-$1"
	for i in $(nodes); do bg client "$1-$i" sh /run/session "$i" "$(node_ip "$i")" "$2"; done
}
cat >"$(node_dir client)/run/session" <<-END
	end=\$((\$(date +%s) + \$3))
	while [ \$(date +%s) -lt \$end ]; do
		timeout 20 smbclient //\$2/$SMB_SHARE -U '$SMB_USER%$SMB_PASS' -D $DIR -c \\
			"put /etc/hosts s\$1; get s\$1 /run/got\$1; rename s\$1 r\$1; rm r\$1" >/dev/null 2>&1 &&
			cmp -s /etc/hosts /run/got\$1 && date +%s.%N
		sleep 0.05
	done
END
end_load() {
	local i
	for i in $(nodes); do bg_end "$1-$i"; done
	bg_end "$1locks"
	for i in $(nodes); do t "$1: $i: no session is left" wait_for 15 no_sessions "$i"; done
}
# What counts is that all six clients got locks: as README.md says, smbtorture may hang after that.
locks_work() {
	local out
	out=$(on client timeout 20 smbtorture "//$(node_ip 0)/$SMB_SHARE" -U "$SMB_USER%$SMB_PASS" \
		--unclist=/run/unclist raw.bench-lock -t 5 --option=torture:nprocs=6 2>&1 | tr '\r' '\n')
	[ "$(grep -acE '^\[[0-5]\] [1-9][0-9]* ops' <<<"$out")" = 6 ] && return
	tail -n 8 <<<"$out"
	return 1
}

smb "$(node_ip 0)" -c "mkdir $DIR" >/dev/null
for i in $(nodes); do
	wait_for 15 no_sessions "$i"
	IDLE[$i]=$(smbds "$i")
done

# ------------------------------------------------------------- smbd is killed
before=$(generation 0)
load one 40
sleep 3
killed=0
is_serving() { pid=$(serving "$1" | shuf -n 1); [ -n "$pid" ]; }
for n in $(seq "$KILLS"); do
	i=$((n % $(size)))
	if wait_for 3 is_serving "$i"; then on "$i" kill -KILL "$pid" 2>/dev/null && killed=$((killed + 1)); fi
done
t 'smbd processes were killed' test "$killed" -ge $((KILLS / 4))
sleep 3
for i in $(nodes); do
	out=$(bg_out client "one-$i")
	gaps="${gaps:-}${gaps:+/}$(worst "$out")"
	t "$i: sessions went on" [ "$(wc -l <<<"$out")" -gt 10 ]
done
end_load one
t 'no recovery' [ "$(generation 0)" = "$before" ]
nothing_left 'smbd killed'
for i in $(nodes); do t "smbd killed: $i: serves" wait_for 10 serves "$i"; done
t 'byte-range locks work' locks_work

# ------------------------------------------------------------ ctdbd is killed
load two 40
sleep 4
t0=$(now)
on "$VICTIM" killall -KILL ctdbd
others() { local i; for i in $(nodes); do [ "$i" = "$VICTIM" ] || echo "$i"; done; }
recovered() {
	local i
	for i in $(others); do
		ctdb_on "$i" status 2>/dev/null | grep -q '^Recovery mode:NORMAL' || return 1
		ctdb_on "$i" status 2>/dev/null | grep -q "^Size:$(($(size) - 1))" || return 1
	done
}
t 'the others recover' wait_for 60 recovered
recovery=$(since "$t0")
smbd_gone() { ! on "$VICTIM" pidof smbd >/dev/null; }
t "$VICTIM: smbd ends without its ctdbd" wait_for 30 smbd_gone
sleep 5
"$HERE/cluster.sh" start "$VICTIM"
t 'the node is back' wait_for "$ACC_TIMEOUT" cluster_ok
smbd_back
t "$VICTIM: serves" wait_for 30 serves "$VICTIM"
back=$(since "$t0")
sleep 2
for i in $(others); do
	out=$(bg_out client "two-$i" | awk -v t="$t0" '$1 > t - 2')
	rest="${rest:-}${rest:+/}$(worst "$out")"
	t "$i: sessions went on" [ "$(wc -l <<<"$out")" -gt 10 ]
done
end_load two
nothing_left 'ctdbd killed'
for i in $(nodes); do t "ctdbd killed: $i: serves" wait_for 10 serves "$i"; done
t 'byte-range locks work again' locks_work
smb "$(node_ip 0)" -c "deltree $DIR" >/dev/null 2>&1

finish "$killed smbd killed: longest pause of sessions $gaps s; ctdbd killed: $rest s on the other nodes," \
	"recovery after $recovery s, node serves again after $back s, in all $(since "$T0") s"
