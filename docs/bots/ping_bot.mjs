// A bot on the WebSocket `/ws`: writes down what is said and answers `!ping` with `pong`.
// Node 22 needs nothing else; Node 20 needs `--experimental-websocket`.
//
//   SLUICE_URL=http://localhost:8080 SLUICE_STREAM=demo SLUICE_KEY=… node ping_bot.mjs

const { SLUICE_URL: server, SLUICE_STREAM: name, SLUICE_KEY: token } = process.env;
const stream = await (await fetch(`${server}/api/v1/streams/${name}`)).json();
const topic = `chat:${stream.id}`;

/** The newest message that was heard: after a break the chat goes on behind it. */
let newest = null;

function connect() {
  const socket = new WebSocket(`${server.replace('http', 'ws')}/ws`);
  const say = (message) => socket.send(JSON.stringify({ topic, ...message }));
  let me = null;

  const hear = ({ id, author, text }) => {
    newest = id;
    console.log(`${id} ${author.name}: ${text}`);
    if (text === '!ping' && author.id !== me) say({ type: 'message', text: 'pong', reply_to: id });
  };

  socket.onopen = () => socket.send(JSON.stringify({ type: 'hello', token }));
  socket.onmessage = ({ data }) => {
    const event = JSON.parse(data);
    if (event.type === 'hello') say({ type: 'join', v: 1, after: newest });
    if (event.type === 'message') hear(event.message);
    if (event.type === 'error') console.error(`${event.code}: ${event.detail}`);
    if (event.type === 'joined') {
      me = event.you.id;
      console.log('joined');
      // What was said before the bot came is not for it; what it missed in a break is.
      if (newest !== null) event.history.forEach(hear);
    }
    if (event.type === 'bye') process.exit(1);
  };
  socket.onclose = () => setTimeout(connect, 1000 + 2000 * Math.random());
}

connect();
