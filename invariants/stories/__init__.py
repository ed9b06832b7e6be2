"""Stories: a history told in sentences, with amounts in tokens and dollars, health factors, and who loses what."""
