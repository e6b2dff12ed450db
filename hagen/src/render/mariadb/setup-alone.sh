[ $# -eq 0 ] || fail 64 "usage: $(basename "$0")"
run_once "$folder/accounts.sql"
say "the accounts are as they shall be"
