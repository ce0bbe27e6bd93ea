import { setup as german } from '../de/setup';
import { setup as english } from '../en/setup';
import { addMessages } from '../catalogue';

addMessages(english, german);
