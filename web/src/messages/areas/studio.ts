// The words of an area that is loaded when it is needed. The studio.

import { studio as german } from '../de/studio';
import { studio as english } from '../en/studio';
import { addMessages } from '../catalogue';

addMessages(english, german);
