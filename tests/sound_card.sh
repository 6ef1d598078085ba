#!/usr/bin/env bash
# A virtual sound card for the end-to-end test: `speaker` is what the agent plays on, `mouth` is where a test plays the
# candidate's voice, and its monitor is the agent's microphone. Needs pulseaudio and libasound2-plugins. As root or not.
#   eval "$(tests/sound_card.sh start DIR)"   prints the environment to use;   tests/sound_card.sh stop DIR
set -euo pipefail
dir=${2:?folder for the sound server}
export PULSE_RUNTIME_PATH=$dir/run PULSE_STATE_PATH=$dir/state HOME=$dir
case ${1:?start or stop} in
start)
  mkdir -p "$dir/run" "$dir/state"
  chmod 700 "$dir/run"
  cat > "$dir/default.pa" <<PA
load-module module-native-protocol-unix socket=$dir/native auth-anonymous=1
load-module module-null-sink sink_name=speaker rate=48000
load-module module-null-sink sink_name=mouth rate=48000
load-module module-remap-source master=mouth.monitor source_name=microphone
set-default-sink speaker
set-default-source microphone
PA
  cat > "$dir/asound.conf" <<ALSA
pcm.!default { type pulse }
ctl.!default { type pulse }
ALSA
  cat /usr/share/alsa/alsa.conf > "$dir/alsa.conf"
  cat "$dir/asound.conf" >> "$dir/alsa.conf"
  pulseaudio -n -F "$dir/default.pa" --daemonize=yes --exit-idle-time=-1 --disallow-exit=no --use-pid-file=yes \
    --log-target=file:"$dir/log" >&2
  for _ in $(seq 50); do [ -S "$dir/native" ] && break; sleep 0.1; done
  [ -S "$dir/native" ] || { echo "pulseaudio did not start; see $dir/log" >&2; exit 1; }
  echo "export PULSE_SERVER=unix:$dir/native ALSA_CONFIG_PATH=$dir/alsa.conf PULSE_RUNTIME_PATH=$dir/run"
  ;;
stop) pulseaudio --kill || true ;;
esac
