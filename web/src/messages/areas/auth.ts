import { auth as german } from '../de/auth';
import { auth as english } from '../en/auth';
import { addMessages } from '../catalogue';

addMessages(english, german);
