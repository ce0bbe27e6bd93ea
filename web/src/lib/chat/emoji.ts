// Emoji that are offered everywhere, by a name to search for, and the reactions to a picture.

export interface Emoji {
  name: string;
  text: string;
}

const NAMED =
  'grin 😀 joy 😂 smile 😊 wink 😉 heart_eyes 😍 cool 😎 thinking 🤔 neutral 😐 roll_eyes 🙄 sweat 😅 ' +
  'cry 😢 sob 😭 angry 😠 scream 😱 sleepy 😴 mind_blown 🤯 party 🥳 nerd 🤓 shrug 🤷 facepalm 🤦 ' +
  'wave 👋 thumbs_up 👍 thumbs_down 👎 clap 👏 pray 🙏 muscle 💪 eyes 👀 brain 🧠 ok 👌 fingers_crossed 🤞 ' +
  'heart ❤️ broken_heart 💔 fire 🔥 sparkles ✨ star ⭐ hundred 💯 boom 💥 zap ⚡ rocket 🚀 trophy 🏆 ' +
  'tada 🎉 gift 🎁 music 🎵 game 🎮 camera 🎥 microphone 🎤 coffee ☕ beer 🍺 pizza 🍕 cake 🍰 popcorn 🍿 ' +
  'cat 🐱 dog 🐶 fish 🐟 wave_water 🌊 sun ☀️ moon 🌙 rain 🌧️ snow ❄️ check ✅ cross ❌ question ❓ warning ⚠️';

export const EMOJI: readonly Emoji[] = NAMED.split(' ').reduce<Emoji[]>(
  (list, word, index, all) => {
    if (index % 2 === 1) list.push({ name: all[index - 1] ?? '', text: word });
    return list;
  },
  [],
);

/** Reactions that every chat has; the server counts them by these names. */
export const REACTIONS = [
  { name: 'heart', text: '❤️' },
  { name: 'clap', text: '👏' },
  { name: 'laugh', text: '😂' },
  { name: 'wow', text: '😮' },
  { name: 'sad', text: '😢' },
  { name: 'fire', text: '🔥' },
] as const;
