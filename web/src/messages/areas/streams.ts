import { streams as german } from '../de/streams';
import { streams as english } from '../en/streams';
import { addMessages } from '../catalogue';

addMessages(english, german);
