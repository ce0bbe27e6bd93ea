// The words of an area that is loaded when it is needed. Sign-in, sign-up, mails and new passwords.

import { auth as german } from '../de/auth';
import { auth as english } from '../en/auth';
import { addMessages } from '../catalogue';

addMessages(english, german);
