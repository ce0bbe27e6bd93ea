// The words of an area that is loaded when it is needed. What is told of an account in its log.

import { activity as german } from '../de/activity';
import { activity as english } from '../en/activity';
import { addMessages } from '../catalogue';

addMessages(english, german);
