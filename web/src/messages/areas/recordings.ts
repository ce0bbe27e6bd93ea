// The words of an area that is loaded when it is needed. Recordings.

import { recordings as german } from '../de/recordings';
import { recordings as english } from '../en/recordings';
import { addMessages } from '../catalogue';

addMessages(english, german);
