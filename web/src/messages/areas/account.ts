import { account as german } from '../de/account';
import { account as english } from '../en/account';
import { addMessages } from '../catalogue';

addMessages(english, german);
