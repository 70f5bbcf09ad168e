#!/bin/bash
# Samba's own programs that ask ctdbd: what one node's smbd has open is seen on all, messages reach the smbd of other nodes,
# registry, shares and records are one.

. "$(dirname "$0")/lib.sh"

need_smb
T0=$(now)
LAST=$(($(size) - 1))
KEY='HKLM\Software\acctools'
FILE=tools.$$
P=acc_tools.tdb
V=acc_tools_volatile.tdb

prints() { local i=$1 text=$2; shift 2; on "$i" timeout 30 "$@" 2>&1 | grep -q -- "$text"; }
says() { local i=$1 text=$2; shift 2; [ "$(on "$i" timeout 30 "$@" 2>/dev/null | tr -d '\n')" = "$text" ]; }
runs() { on "$1" timeout 30 "${@:2}" >/dev/null 2>&1; }
fails() { ! runs "$@"; }
dbwrap() { local i=$1 kind=$2; shift 2; on "$i" timeout 30 dbwrap_tool "--$kind" "$@"; }
stored() { [ "$(dbwrap "$@" 2>/dev/null | tr -d ' \n')" = "$WANTED" ]; }
dbwrap_runs() { dbwrap "$@" >/dev/null 2>&1; }
dbwrap_fails() { ! dbwrap_runs "$@"; }

# ---------------------------------------------------------------- smbstatus
bg client holder smbclient "//$(node_ip 0)/$SMB_SHARE" -U "$SMB_USER%$SMB_PASS" -m SMB3 -c \
	"put /etc/hosts $FILE; open $FILE; notify \\"
session_on() { on "$1" smbstatus -p 2>/dev/null | awk -v u="$SMB_USER" '$2 == u { print $1 }' | tail -n 1; }
session_seen() { [ -n "$(session_on 0)" ]; }
t 'a session on node 0' wait_for 10 session_seen
pid=$(session_on 0)
case $pid in *:*) ;; *) pid=0:$pid ;; esac
sees_session() { [ "$(session_on "$1")" = "$pid" ]; }
for i in $(nodes); do
	t "$i: smbstatus lists the session of $pid" wait_for 5 sees_session "$i"
	t "$i: smbstatus lists the share" prints "$i" "^$SMB_SHARE" smbstatus -S
	t "$i: smbstatus lists the open file" wait_for 5 prints "$i" "$FILE" smbstatus -L
	t "$i: smbstatus lists the watched folder" wait_for 5 prints "$i" "$pid" smbstatus -N
done

# --------------------------------------------------------------- smbcontrol
reaches_all() {
	local out j
	out=$(on "$1" timeout 30 smbcontrol -t 1 all ping 2>/dev/null)
	for j in $(nodes); do grep -q "^PONG from pid $j:" <<<"$out" || return 1; done
}
for i in $(nodes); do
	t "$i: ping of $pid" prints "$i" "^PONG from pid $pid" smbcontrol "$pid" ping
	t "$i: ping of its smbd" prints "$i" "^PONG from pid $i:" smbcontrol -t 1 smbd ping
	t "$i: ping reaches all nodes" reaches_all "$i"
	t "$i: debug level of $pid" prints "$i" "^PID $pid: all:1 " smbcontrol "$pid" debuglevel
done
t 'a debug level is set from afar' runs "$LAST" smbcontrol "$pid" debug 2
t 'and is told' prints "$LAST" "^PID $pid: all:2 " smbcontrol "$pid" debuglevel
t 'nobody answers for a process that is none' fails 0 smbcontrol -t 2 "$LAST:99999" ping

# -------------------------------------------------------------- net serverid

misses() { prints "$1" "^$2 does not exist" net serverid exists "$2"; }

for i in $(nodes); do
	t "$i: a process that is none" misses "$i" "$LAST:99999"
	t "$i: a living session is not wiped" prints "$i" ' sessions, 1 alive ' net serverid wipedbs -v
done
t 'the session goes on' sees_session "$LAST"
t 'a session is closed from afar' runs "$LAST" smbcontrol "$pid" shutdown
bg_end holder
no_session() { [ -z "$(session_on "$1")" ]; }
for i in $(nodes); do t "$i: the session is gone" wait_for 10 no_session "$i"; done
smb "$(node_ip 0)" -c "rm $FILE" >/dev/null 2>&1

# ------------------------------------------------------- net conf, testparm
for i in $(nodes); do
	# testparm itself never asks the cluster's registry.
	t "$i: testparm" says "$i" Yes testparm -s --parameter-name=clustering
	j=$(((i + 1) % $(size)))
	t "$i: net conf addshare" runs "$i" net conf addshare "accshare$i" "$SHARED/data" writeable=y guest_ok=n "of node $i"
	t "$j: net conf showshare" prints "$j" "comment = of node $i" net conf showshare "accshare$i"
	t "$j: net conf setparm" runs "$j" net conf setparm "accshare$i" 'hide files' "/x$j/"
	t "$i: net conf getparm" says "$i" "/x$j/" net conf getparm "accshare$i" 'hide files'
	t "$i: net conf setparm global" runs "$i" net conf setparm global workgroup "ACCTOOLS$i"
	t "$j: net conf list" prints "$j" "workgroup = ACCTOOLS$i" net conf list
done
for i in $(nodes); do
	j=$(((i + 1) % $(size)))
	t "$i: net conf delparm" runs "$i" net conf delparm "accshare$j" 'hide files'
	t "$i: net conf delshare" runs "$i" net conf delshare "accshare$j"
done
t 'net conf delparm global' runs "$LAST" net conf delparm global workgroup
no_shares() { ! on "$1" net conf listshares 2>/dev/null | grep -q '^accshare'; }
for i in $(nodes); do t "$i: net conf listshares" no_shares "$i"; done

# --------------------------------------------------------------- the registry
# Increments from all nodes at once: each is a transaction under the one lock of the database.
ROUNDS=10
t 'registry key' runs 0 net registry createkey "$KEY"
t 'registry value' runs 0 net registry setvalue "$KEY" number dword 0
# shellcheck disable=SC2016
for i in $(nodes); do
	on "$i" sh -c 'for n in $(seq $1); do timeout 60 net registry increment "$2" number 1 || exit 1; done' \
		sh "$ROUNDS" "$KEY" >/dev/null 2>&1 &
	WAITING[i]=$!
done
for i in $(nodes); do t "$i: increments" wait "${WAITING[$i]}"; done
number() { on "$1" net registry getvalueraw "$KEY" number 2>/dev/null; }
for i in $(nodes); do t "$i: no increment is lost" [ "$(number "$i")" = $((ROUNDS * $(size))) ]; done
t 'key deleted' runs "$LAST" net registry deletekey_recursive "$KEY"
t 'key gone' fails 0 net registry enumerate "$KEY"

# -------------------------------------------------------------- dbwrap_tool
for kind in persistent non-persistent; do
	db=$P
	[ "$kind" = persistent ] || db=$V
	for i in $(nodes); do
		j=$(((i + 1) % $(size)))
		WANTED=text$i
		t "$kind: $i: store" dbwrap_runs "$i" "$kind" "$db" store "key$i" string "text$i"
		t "$kind: $j: fetch" stored "$j" "$kind" "$db" fetch "key$i" string
		t "$kind: $j: change" dbwrap_runs "$j" "$kind" "$db" store "key$i" uint32 "$((4000000000 + i))"
		WANTED=$((4000000000 + i))
		t "$kind: $i: fetch" stored "$i" "$kind" "$db" fetch "key$i" uint32
		t "$kind: $i: exists" dbwrap_runs "$i" "$kind" "$db" exists "key$i"
	done
	listed() { [ "$(dbwrap "$1" "$kind" "$db" listkeys 2>/dev/null | grep -c '^key')" = "$2" ]; }
	for i in $(nodes); do t "$kind: $i: listkeys" listed "$i" "$(size)"; done
	t "$kind: delete" dbwrap_runs "$LAST" "$kind" "$db" delete key0
	t "$kind: deleted" dbwrap_fails 0 "$kind" "$db" fetch key0 uint32
	# dbwrap_tool cannot erase a volatile database, with C daemons neither.
	if [ "$kind" = persistent ]; then
		t "$kind: erase" dbwrap_runs 0 "$kind" "$db" erase
	else
		for i in $(nodes); do dbwrap_runs "$LAST" "$kind" "$db" delete "key$i"; done
	fi
	for i in $(nodes); do t "$kind: $i: erased" listed "$i" 0; done
done

finish "in all $(since "$T0") s"
