#!/usr/bin/env bash
# Makes one environment for each peer under $PEER_HOME (default: a folder "peers" in the temporary directory).
# Wants Python 3.11 or 3.12 and about 3 GB. The versions are those that RESULTS.md compares.
set -eu
home="${PEER_HOME:-${TMPDIR:-/tmp}/peers}"
python="${PYTHON:-python3}"

environment() {  # name, then what it holds
  if ! [ -x "$home/venvs/$1/bin/python" ]; then
    "$python" -m venv "$home/venvs/$1"
  fi
  "$home/venvs/$1/bin/python" -m pip install --quiet "${@:2}"
}

mkdir -p "$home/venvs"
environment main numpy==2.4.6 scipy==1.17.1 mesa==3.3.1 networkx==3.6.1
environment laser laser-core==1.0.5 laser.generic==1.1.0 scipy==1.17.1
environment starsim starsim==3.7.2
environment frames mesa-frames==0.1.0a0 polars==2.1.0 numpy==1.26.4
echo "ready: python benchmarks/run.py peers"
