// The words of an area that is loaded when it is needed. Keeping order in a chat.

import { moderation as german } from '../de/moderation';
import { moderation as english } from '../en/moderation';
import { addMessages } from '../catalogue';

addMessages(english, german);
