/**
 * The page that the relay serves: the inspector in a frame, and a script that forwards the relay's messages to it. The
 * script takes the token from the address's fragment, so that the token is sent to the relay only.
 */
export const bridgePage = (inspectorUrl: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>session-groups inspector</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/bridge.css">
</head>
<body>
<p id="state" role="status">Connecting…</p>
<iframe id="inspector" title="Stately Inspector" src="${attribute(inspectorUrl)}"></iframe>
<script src="/bridge.js"></script>
</body>
</html>
`;

export const BRIDGE_STYLE = `html, body { height: 100%; margin: 0; font: 14px system-ui, sans-serif; }
body { display: flex; flex-direction: column; }
#state { margin: 0; padding: 4px 8px; }
#state.connected { display: none; }
iframe { flex: 1; border: 0; }
`;

/** Posts messages to the inspector's own origin only, once the inspector has announced itself. */
export const BRIDGE_SCRIPT = `'use strict';
const frame = document.getElementById('inspector');
const state = document.getElementById('state');
const origin = new URL(frame.src).origin;
const hash = new URLSearchParams(location.hash.slice(1));
const token = hash.get('token') || sessionStorage.getItem('token') || '';
sessionStorage.setItem('token', token);
history.replaceState(null, '', location.pathname);
let ready = false;
let socket;
const held = [];
function deliver(message) {
  if (ready) frame.contentWindow.postMessage(message, origin);
  else held.push(message);
}
addEventListener('message', event => {
  if (event.source !== frame.contentWindow || event.origin !== origin) return;
  if (!event.data || event.data.type !== '@statelyai.connected') return;
  ready = true;
  for (const message of held.splice(0)) deliver(message);
});
function connect(delay) {
  socket = new WebSocket('ws://' + location.host + '/?token=' + encodeURIComponent(token));
  socket.onopen = () => { state.className = 'connected'; delay = 500; };
  socket.onmessage = event => deliver(JSON.parse(event.data));
  socket.onclose = event => {
    state.className = '';
    if (event.code === 4000) { state.textContent = 'The run has ended.'; return; }
    state.textContent = 'Disconnected. Reconnecting…';
    setTimeout(connect, delay, Math.min(delay * 2, 10000));
  };
}
connect(500);
`;

const attribute = (text: string): string =>
  text.replace(/[&"<>]/g, character => `&#${character.charCodeAt(0)};`);
