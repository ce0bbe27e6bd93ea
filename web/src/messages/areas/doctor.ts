// The words of an area that is loaded when it is needed. The connection doctor.

import { doctor as german } from '../de/doctor';
import { doctor as english } from '../en/doctor';
import { addMessages } from '../catalogue';

addMessages(english, german);
