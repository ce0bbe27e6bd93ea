// The words of an area that is loaded when it is needed. Settings: what people can say of themselves.

import { account as german } from '../de/account';
import { account as english } from '../en/account';
import { addMessages } from '../catalogue';

addMessages(english, german);
