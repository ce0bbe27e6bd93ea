// The words of an area that is loaded when it is needed. The first set-up of a server.

import { setup as german } from '../de/setup';
import { setup as english } from '../en/setup';
import { addMessages } from '../catalogue';

addMessages(english, german);
