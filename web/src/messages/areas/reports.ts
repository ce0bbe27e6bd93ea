// The words of an area that is loaded when it is needed. Reports.

import { reports as german } from '../de/reports';
import { reports as english } from '../en/reports';
import { addMessages } from '../catalogue';

addMessages(english, german);
