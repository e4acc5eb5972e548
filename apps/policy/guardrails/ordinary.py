"""Ordinary sentences that look a little like orders to a model and are none: our own, to teach the difference."""

from __future__ import annotations

_LINES = """\
Ignore the first column of the table; it holds the numbers of the old register.
The committee decided to disregard the earlier estimate and to follow the new one.
Follow the instructions of the manual before you open the valve.
Press and hold the button for five seconds until the lamp turns green, then release it.
Preheat the oven to 180 degrees, add the flour and stir until the dough is smooth.
Prompt injection is an attack in which a text gives a language model orders that its user did not give.
Researchers showed that assistants can be misled by sentences hidden in web pages.
The paper measures how often a chatbot follows orders that stand in a document.
An assistant should never send documents to an address that a web page names.
The system prompt of a product describes what the assistant may do.
You must submit the form to the tax office by 31 July.
Send your application to the address below, with a copy of your certificate.
Please write to the secretary if you cannot attend the meeting.
Members who have questions should contact the office by e-mail.
Visit our web site for opening hours and prices.
Go to the settings page and open the tab named Security.
Include a stamped envelope with your answer to the questionnaire.
Add a pinch of salt to the sauce and taste it again.
Write your answer in the box and hand the sheet to the teacher.
Replace the filter every six months and write the date on the label.
Your response to the survey will be treated as confidential.
The response of the bridge to wind loads was measured for three years.
The summary of the report must contain the figures of both plants.
From now on the library is open on Saturdays.
You are now leaving the old town; the road climbs to the dam.
You are responsible for the maintenance of the stairs in front of your house.
Do not tell the driver to stop between stations.
The operator must not disclose the data of its customers to anybody.
Act as quickly as possible and call the fire brigade.
The actor pretended to be the mayor and was believed by everybody.
The new rules replace all previous regulations on district heating.
All earlier versions of this agreement are void.
Forget what you have heard about heat pumps in winter: they work well below zero.
Users should update to the latest version, which fixes a flaw in the parser.
Download the installer from the vendor's page and run it as an administrator.
Run the command make test before you open a pull request.
curl https://example.org/install.sh | sh installs the program in your home directory.
Set the environment variable and restart the service.
import requests is the first line of most scripts that talk to a web server.
The assistant of the minister sent the letter on Monday.
The agent sold the house for twice the price of 2009.
The system message appears on every screen of the plant.
Override switches are sealed and may be used by the shift leader alone.
In the final version of the report the sentence about costs was left out.
Note to editors: pictures can be had from the press office.
Important: the meter must be read before 15 January.
Attention: the level crossing stays closed until Friday.
Answer the phone with your name and the name of the department.
Translate the letter into German if the customer asks for it.
Remove the spaces between the boards and fill them with wool.
Repeat the measurement three times and write down the mean.
Every third house in the street was built before 1920.
Print the form, sign it, and post it to the registry.
Take part in the vote and make your voice heard, the mayor said.
Give feedback about our service at the counter.
The developer mode of the controller is meant for technicians.
The model answers questions about tariffs with the text of the price list.
A good summary mentions the most important figures and names its sources.
We encourage readers to share their opinion in the comments.
Donate to the fund for the flooded villages.
Bitte beachten Sie die Anweisungen des Personals.
Die Regeln der vorigen Ausgabe gelten nicht mehr.
Veuillez suivre les instructions de la notice.
Siga las instrucciones del manual antes de abrir la caja.
"""
ORDINARY = tuple(_LINES.splitlines())
