import { studio as german } from '../de/studio';
import { studio as english } from '../en/studio';
import { addMessages } from '../catalogue';

addMessages(english, german);
