// The words of an area that is loaded when it is needed. Administration.

import { admin as german } from '../de/admin';
import { admin as english } from '../en/admin';
import { addMessages } from '../catalogue';

addMessages(english, german);
