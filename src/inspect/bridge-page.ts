/**
 * The page that the relay serves: the inspector in a frame, and a script that forwards the relay's messages to it. The
 * script takes the token from the address's fragment, so that the token is sent to the relay only.
 *
 * BRIDGE-1 the page keeps nothing: it is connected to the relay only while the frame has announced itself, and the relay
 *    tells each new connection of every live actor in its current state.
 * BRIDGE-2 whenever the frame announces itself (late, or again because it was loaded anew) it is told everything anew.
 *    Where the relay has gone by then, it says that the run may have ended.
 * BRIDGE-3 a frame that is silent for five seconds is said to be, with what shows the group without it; it may still come.
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
<p id="state" role="status">Waiting for the Stately Inspector…</p>
<section id="silent" role="alert" hidden>
<p>The Stately Inspector at <code>${escaped(inspectorUrl)}</code> doesn't answer. It may be down, or not reachable from
this browser. Your group isn't affected. This page keeps nothing meanwhile; as soon as the inspector answers, it shows every
actor that is alive, in its current state.</p>
<p>To see the group without it:</p>
<ul>
<li><code>session-groups run FILE --web</code>, or <code>session-groups serve</code> for groups that run already, shows it on
a local page.</li>
<li><code>session-groups chart</code> prints its statechart as a Mermaid diagram.</li>
</ul>
</section>
<iframe id="inspector" title="Stately Inspector" data-src="${escaped(inspectorUrl)}"></iframe>
<script src="/bridge.js"></script>
</body>
</html>
`;

export const BRIDGE_STYLE = `html, body { height: 100%; margin: 0; font: 14px system-ui, sans-serif; }
body { display: flex; flex-direction: column; }
#state, #silent { margin: 0; padding: 4px 8px; }
#state.connected { display: none; }
#silent { background: #fff4d6; color: #222; }
iframe { flex: 1; border: 0; }
`;

/** Posts messages to the inspector's own origin only, once the inspector has announced itself. */
export const BRIDGE_SCRIPT = `'use strict';
const frame = document.getElementById('inspector');
const state = document.getElementById('state');
const silent = document.getElementById('silent');
const origin = new URL(frame.dataset.src).origin;
const hash = new URLSearchParams(location.hash.slice(1));
const token = hash.get('token') || sessionStorage.getItem('token') || '';
sessionStorage.setItem('token', token);
history.replaceState(null, '', location.pathname);
const patience = setTimeout(() => { silent.hidden = false; }, 5000);
let socket;
addEventListener('message', event => {
  if (event.source !== frame.contentWindow || event.origin !== origin) return;
  if (!event.data || event.data.type !== '@statelyai.connected') return;
  clearTimeout(patience);
  silent.hidden = true;
  show('Connecting…');
  connect(500);
});
frame.src = frame.dataset.src; // now that it is listened to
function connect(delay) {
  const connection = new WebSocket('ws://' + location.host + '/?token=' + encodeURIComponent(token));
  if (socket) socket.close();
  socket = connection;
  let reached = false;
  connection.onopen = () => { if (connection === socket) { show(''); delay = 500; reached = true; } };
  connection.onmessage = event => {
    if (connection === socket) frame.contentWindow.postMessage(JSON.parse(event.data), origin);
  };
  connection.onclose = event => {
    if (connection !== socket) return;
    if (event.code === 4000) { show('The run has ended.'); return; }
    show('Disconnected. Reconnecting…' + (reached ? '' : ' The run may have ended.'));
    setTimeout(() => { if (connection === socket) connect(Math.min(delay * 2, 10000)); }, delay);
  };
}
function show(text) {
  state.textContent = text;
  state.className = text === '' ? 'connected' : '';
}
`;

const escaped = (text: string): string =>
  text.replace(/[&"<>]/g, character => `&#${character.charCodeAt(0)};`);
