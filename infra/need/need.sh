#!/bin/sh
# need.sh WHAT ... looks, before anything is built, whether this machine has what is needed: go, node, java, or stack for what the local stack
# needs with the settings of the environment. It says what is missing and what is there instead, on a line for each.
cd "$(dirname "$0")/../.." || exit 1
GO=${GO:-go}
status=0

missing() {
	echo "profiles: $1" >&2
	status=1
}

# at_least HAVE WANTED compares versions such as 1.26.8.
at_least() {
	awk -v have="$1" -v wanted="$2" 'BEGIN {
		split(have, h, "."); split(wanted, w, ".")
		for (i = 1; i <= 3; i++) if (h[i] + 0 != w[i] + 0) exit !(h[i] + 0 > w[i] + 0)
	}'
}

there() { command -v "$1" >/dev/null 2>&1; }

go_is_there() {
	wanted=$(awk '$1 == "go" { print $2 }' go.mod)
	if ! there "$GO"; then
		missing "Go $wanted or later is needed, and $GO is not in the PATH: https://go.dev/dl"
		return
	fi
	# Outside the module, and without another one in its place: what is installed.
	have=$(cd / && GOTOOLCHAIN=local "$GO" version | awk '{ sub(/^go/, "", $3); print $3 }')
	at_least "$have" "$wanted" && return
	# Go fetches what go.mod asks for by itself since 1.21, unless that is turned off.
	at_least "$have" 1.21 && [ "$(cd / && "$GO" env GOTOOLCHAIN)" != local ] && return
	missing "Go $wanted or later is needed, and this is Go $have ($(command -v "$GO")): https://go.dev/dl"
}

node_is_there() {
	wanted="Node.js 20.19 or a later 20, 22.12 or a later 22, or 24 and later, with npm,"
	if ! there node; then
		missing "$wanted is needed, and node is not in the PATH: https://nodejs.org"
		return
	fi
	have=$(node --version)
	have=${have#v}
	case $have in
	20.*) at_least "$have" 20.19 ;;
	22.*) at_least "$have" 22.12 ;;
	*) at_least "$have" 24 ;;
	esac || missing "$wanted is needed, and this is Node.js $have ($(command -v node)): https://nodejs.org"
	there npm || missing "$wanted is needed, and npm is not in the PATH: https://nodejs.org"
}

java_is_there() {
	wanted="Java 17 or later is needed for Amazon DynamoDB Local"
	if ! there java; then
		missing "$wanted, and java is not in the PATH: https://adoptium.net$1"
		return
	fi
	# java version "17.0.15", or "1.8.0_292" for 8.
	have=$(java -version 2>&1 | awk -F '"' '/ version "/ { print $2; exit }')
	at_least "${have:-0}" 17 || missing "$wanted, and this is Java ${have:-of a version it does not tell} ($(command -v java)): https://adoptium.net$1"
}

stack_is_there() {
	node_is_there
	[ -n "$AWS_ENDPOINT_URL_DYNAMODB" ] && return
	case $ENGINE,$(uname -s),$(uname -m) in
	dynamodb-local,Linux,x86_64) java_is_there ", or leave ENGINE out" ;;
	dynoxide,* | ,Linux,x86_64) ;;
	*) java_is_there "" ;;
	esac
}

for what; do
	case $what in
	go | node | java | stack) "${what}_is_there" "" ;;
	*) missing "usage: need.sh [go | node | java | stack] ..." ;;
	esac
done
exit $status
