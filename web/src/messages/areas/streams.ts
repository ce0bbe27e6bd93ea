// The words of an area that is loaded when it is needed. Streams and the people who make them.

import { streams as german } from '../de/streams';
import { streams as english } from '../en/streams';
import { addMessages } from '../catalogue';

addMessages(english, german);
