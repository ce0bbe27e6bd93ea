// The words of an area that is loaded when it is needed. Home and search.

import { home as german } from '../de/home';
import { home as english } from '../en/home';
import { addMessages } from '../catalogue';

addMessages(english, german);
