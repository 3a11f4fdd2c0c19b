#!/bin/sh
# Links a library for Android. rustc exports every function with a C name, and so keeps all of them. A JVM calls those of
# the list in TINY_COUNTER_EXPORTS only.
for argument do
    case $argument in
    *--version-script=*) argument=${argument%%=*}=$TINY_COUNTER_EXPORTS ;;
    esac
    set -- "$@" "$argument"
    shift
done
exec "$TINY_COUNTER_LINKER" "$@"
