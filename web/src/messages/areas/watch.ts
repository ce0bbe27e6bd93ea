// The words of an area that is loaded when it is needed. Watching.

import { watch as german } from '../de/watch';
import { watch as english } from '../en/watch';
import { addMessages } from '../catalogue';

addMessages(english, german);
