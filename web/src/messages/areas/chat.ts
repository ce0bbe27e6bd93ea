// The words of an area that is loaded when it is needed. The chat.

import { chat as german } from '../de/chat';
import { chat as english } from '../en/chat';
import { addMessages } from '../catalogue';

addMessages(english, german);
