// The commands of the chat, by the names and the order of arguments that people know from elsewhere.

export interface Command {
  name: string;
  /** As it is written behind the name; the words are those of the documentation, in no language. */
  takes: string;
  moderator: boolean;
}

const anybody = (name: string, takes = ''): Command => ({ name, takes, moderator: false });
const moderator = (name: string, takes = ''): Command => ({ name, takes, moderator: true });

export const COMMANDS: readonly Command[] = [
  anybody('me', '<text>'),
  anybody('mods'),
  anybody('help'),
  moderator('timeout', '<user> [600|10m|1h] [reason]'),
  moderator('untimeout', '<user>'),
  moderator('ban', '<user> [reason]'),
  moderator('unban', '<user>'),
  moderator('clear'),
  moderator('announce', '<text>'),
  moderator('pin', '<text>'),
  moderator('unpin'),
  moderator('slow', '[seconds]'),
  moderator('slowoff'),
  moderator('followers', '[10m|1h|1d]'),
  moderator('followersoff'),
  moderator('subscribers'),
  moderator('subscribersoff'),
  moderator('emoteonly'),
  moderator('emoteonlyoff'),
  moderator('uniquechat'),
  moderator('uniquechatoff'),
  moderator('shield'),
  moderator('shieldoff'),
  moderator('mod', '<user>'),
  moderator('unmod', '<user>'),
];
