import { activity as german } from '../de/activity';
import { activity as english } from '../en/activity';
import { addMessages } from '../catalogue';

addMessages(english, german);
