"""Words by which a patient's name is recognised, mostly French and English, in lower case and without accents.

First names: frequent ones in France and in English-speaking countries over the last eighty years, and of the Maghreb,
West Africa, Portugal, Spain, Italy and Turkey.
"""


def _words(written: str) -> frozenset[str]:
    return frozenset(written.split())


FIRST_NAMES = _words(
    """
    abdel abdelkader abdoulaye adam adele adrien agathe agnes ahmed aicha aime aissata alain albert alberto
    alessandro alex alexandra alexandre alexis alfred ali alice alicia aline alison amadou amandine amber amelie
    amina aminata amine amir ana anais andre andrea andrew andy angela angele angelique anna anne annette annick
    annie anthony antoine antonio ariane armand arnaud arthur assia astrid aubin audrey augustin aurelia aurelie
    aurore awa axel aya ayoub aziz baptiste barbara basile bastien beatrice ben benedicte benjamin benoit bernadette
    bernard bertrand bilal billy blandine boris brahim brandon brenda brian brigitte bruno camille carla carlos
    carmen carol carole caroline carolyn catherine cathy cecile cedric celia celine chantal charlene charles
    charlotte cheikh cherif chloe chris christelle christian christiane christina christine christophe christopher
    cindy claire clara claude claudette claudia claudine claudio clemence clement clotilde colette colin coline
    connor corentin corinne craig cynthia cyril cyrille damien daniel daniele danielle david debbie deborah delphine
    denis denise dennis derek diana diane didier diego dimitri djamel dominique donald donna dorothee dorothy
    douglas driss dylan eddy edith edmond edouard edward edwige elena eleonore eliane elias elisa elisabeth elise
    elizabeth ella elodie elsa emeline emile emilie emily emma emmanuel emmanuelle enzo eric erika ernest erwan
    estelle esther ethan etienne eugene eugenie eva evelyne fabien fabienne fabrice fanny fanta farah farid fatiha
    fatima fatou fatoumata felix ferdinand fernand fernanda fernando fiona flavie florence florent florian floriane
    franca francesca francesco francine francis francisco franck francois francoise frank fred frederic frederique
    gabriel gabriela gabriella gabrielle gael gaelle gaetan gary gaston gauthier genevieve geoffrey george georges
    georgette gerald geraldine gerard germaine ghislaine gilbert gilberte gilles gina ginette giovanni gisele giulia
    gloria gregory guillaume gustave guy gwenaelle habib hakim halima hamid hamza hannah harold harry hassan hassen
    heather helen helena helene helge henri henriette henry herve hicham hortense houria hubert hugo hugues ian
    ibrahim ibrahima ida idriss igor ilyes imane ines ingrid irene iris isaac isabel isabella isabelle ismael ivan
    jack jackie jacob jacqueline jacques jade jake jamal james jamie jan jane janet janine jasmine jason javier jean
    jeanette jeanine jeanne jeannine jennifer jeremie jeremy jerome jesse jessica jessie jim joan joanna joao
    joaquin joel joelle johan johanna john johnny jonathan jordan jorge jose joseph josephine josette joshua josiane
    josie joyce juan juana judith jules julia julian julie julien juliette justin justine kamel karen karim karima
    karin karine karl kate katherine kathleen kathy katia keith kelly ken kenneth kevin khadija khaled kim kimberly
    kyle kylian laetitia lamine larbi lassana laura laure laurence laurent lauriane lea leila lena leo leon leonie
    leslie leticia liam lila liliane lily lina linda line lionel lisa lise liz logan loic lola lorenzo loris lou
    louane louis louisa louise luc luca lucas lucette lucie lucien lucienne lucy ludivine ludovic luigi luis luisa
    lydia lydie lynn madeleine mady mael maelle maeva magali mahamadou malek malik mamadou manon manuel manuela marc
    marcel marcelle marco margaret margaux margot marguerite maria mariam mariama mariana marianne marie marielle
    marilyn marina marine mario marion marius marjorie mark marlene marta martha marthe martin martine marvin mary
    maryam maryse maryvonne mathias mathieu mathilde mathis matteo matthew matthias matthieu maud maurice maxence
    maxime maya megan mehdi melanie melina melissa melvin mercedes michael michel michele micheline michelle miguel
    mike mila mireille miriam mohamed mohammed moise monica monique morgane mounir mourad moussa moustapha muriel
    mustapha myriam nabil nabila nadege nadia nadine naima nancy naomi nassim natacha natasha nathalie nathan nawal
    nelly nelson nicholas nick nicolas nicole nils nina nino noa noah noemie nora norbert nordine nour oceane odette
    odile olga oliver olivia olivier omar oscar osman oumar oumou ousmane pablo pam pamela paola paolo pascal
    pascale patricia patrick paul paula paule paulette pauline paulo pedro peggy perrine peter phil philip philippe
    pierre pierrette quentin rabah rachel rachid rachida raphael raphaelle raymond raymonde rebecca regine regis
    remi remy rene renee reynald rhiannon ricardo richard robert roberto robin rodolphe rodrigue roger roland
    rolande romain romane ronald rosa rosalie rosemary roxane ruben rudy russell ruth ryad ryan sabine sabrina sacha
    sadia safia said saida salah salif salima salimata sally salma sam samantha sami samia samir samira sammy samuel
    sandra sandrine sandy sara sarah sascha saskia sean sebastien selma serge sergio severine shannon sharon sheila
    shirley sidonie silvia simon simone sofia sofiane solange soline sonia sophie souad soufiane stacy stanislas
    stella stephane stephanie stephen steve steven stewart sue susan suzanne suzy sylvain sylvaine sylvia sylviane
    sylvie tamara tania tanya tara tatiana ted teddy teresa terry thais thanh theo theodore theophile theresa
    therese thibault thibaut thierry thomas tiago tim timothee timothy tina titouan tobias tom tommy tony tracy
    trevor valentin valentina valentine valerie vanessa vera veronique vicky victor victoria victorine vincent
    viviane vladimir walid walter warren wendy wilfrid wilfried william willy xavier yacine yael yann yannick
    yasmina yasmine yassine yohan yolande younes youssef youssouf yusuf yvan yves yvette yvon yvonne zachary zahra
    zakaria zineb zoe zohra
    """
)
# First names that are ordinary words too. With a capital inside a sentence, and a surname, they name somebody.
NAMES_AND_WORDS = _words(
    """
    aime amber angel avril charlie claire clemence dawn desire drew faith france frank gene grace hope jade jean joy
    jules lily line lou mark mathis max may mike nina nour olive page patience paule pierre prudence rose ruby sky
    sue violette will
    """
)
TITLES = _words(
    """
    m madame mademoiselle melle miss mister mlle mme mmes monsieur mr mrs ms
    """
)
# Whoever has one of these titles treats patients, or is no person.
OTHER_TITLES = _words(
    """
    chirurgien chirurgienne consultant dentiste directeur directrice docteur docteure doctor dr drs gp infirmier
    infirmiere interne kine kinesitherapeute maitre me midwife ministre nurse pharmacien pharmacienne pr president
    presidente prof professeur professeure professor psychologue senateur sister surgeon therapist
    """
)
# Behind a name, what this person does.
ROLES = _words(
    """
    adjoint adjointe aide-soignant aide-soignante ambulancier animateur animatrice assistant assistante benevole
    brancardier cadre chef cheffe coordinateur coordinatrice elu elue head lead maire manager porter receptionist
    responsable secretaire soignant soignante volunteer
    """
)
# Before a name, that this person is thanked, or to be called.
THANKS = _words(
    """
    appelez ask aupres bravo call contact contacter danke gracias inscription inscriptions kudos merci organise
    propose remercie remerciements remercions selon thank thankful thanks
    """
)
# Words of grammar, and verbs that follow a person: none of them is a surname.
GRAMMAR = _words(
    """
    a ai alors and apres au aujourd'hui aussi aux avant avec but by car ce ceci cela ces cet cette chez comme dans
    de demain depuis des donc du elle elles en encore est et eux for from he her here hier him his i il ils in is it
    its jamais je la le les leur leurs lors lui ma maintenant mais me mes moi mon my ne nos notre nous of on or ou
    our par pas pendant plus pour qu que qui sa sans se ses she si son sous souvent sur ta te tes that the their
    them then they this those to toujours tous tout toute toutes tres tu un une vos votre vous we when who with you
    your
    """
)
VERBS = _words(
    """
    arrivait arrive attend attendait avait been boit came could demande disait dit doit dort entre etait fait had
    has lived lives mange needed needs parle part peut pleure prenait prend refusait refuse refuses rentre restait
    reste said says sera serait should sort sorti sortie souffrait souffre suivi suivie takes told tombe took traite
    venait veut vient vit vivait waited waits wanted wants was went will would
    """
)
# Before a name these say that it is a place, a disease, a method.
NAMES_OF_THINGS = _words(
    """
    act allee amphi association av avenue award batiment bd boulevard building centre ch charity chemin chru chu
    clinic clinique college cours disease echelle ecole ehpad faculte fondation foundation gare hopital hopitaux
    hospital impasse institut institute lane loi lycee maladie maladies methode metro pavillon place plan pont prix
    programme projet quai rapport residence road rue saint sainte salle san santa scale school score square st
    station ste street syndrome test trust universite university ward
    """
)
# Those whom care is given to, before their name.
PATIENTS = _words(
    """
    abuela abuelo aunt beneficiaire brother bruder client cliente compagne compagnon conjoint conjointe dad daughter
    epouse epoux esposa esposo father femme fille fils frere gran grand-mere grand-pere grandfather grandmother her
    hermana hermano hija hijo his husband inmate ma madre malade mamie mann mari marido mere mom mon mother mum
    mutter my nan neighbor neighbour notre oma oncle opa our padre papi partner patient patiente patientes patients
    pensionnaire pere pt resident residente sa schwester sister soeur sohn son tante tochter uncle usager usagere
    vater voisin voisine wife
    """
)
# Beginnings of words that speak of somebody's health or care.
MEDICAL = tuple(
    sorted(
        _words(
            """
    accouch addict admis admise agony alcool allerg alzheimer amput analges anemi anesthes anevr angin antibio
    antidepr anxie aphas apnee appendic arthrite arthros asthm autis avc avort biops bipolair blessur blood bpco
    brain-bleed bronch brulur cancer cardiaq cardio cataract catheter chambre chemo chimio chirurg cholester chromos
    chute chutes cirrhos clinical colique coloscop coma commotion consult covid crise crohn cystite delir demence
    dement dementia depress dermat diabet diagnos dialys dialysis discharg dose douleur drepanocyt dying dyslex
    eczema elective embol enceinte endometrios epilep escarre esquizofren evanou fausse-couche fever fibro fievre
    fractur gastr glaucome glycem greff grossesse handicap heart hemato hemiple hemodial hemorrag hepatit hernia
    hernie hip hiv hospital hypertens hypogly hystere imc incontin infarct infect inject insuffisan insulin intub
    irm ivg kidney knee leucem leukaemi leukemi lit lupus lymphom malad malais medecin medica melanom mening
    menopaus migrain miscarr mri mucovisc nause neuro obes oncolog operated operation opere operee ordonnance osteop
    ostomy overdose palliat pancrea pansement paralys parkinson patholog patient perfusion phlebit physio pilul
    plaie plaint pneumo polyarthr post-op pregnan prescri prostat prothese psoria psych radiother reanim rechut
    refuse-son rein resultat rheumat saignement sang scanner schizo sclerose scolios screening sedat seizure sepsis
    septic seropos sevrage sida soigne soins sonde stent stroke suicid suivi suivie surger symptom syphilis tension
    test-positif thrombos thyroid toux traite traitement transfus transplant trauma treatment tremblement tubercul
    tumeur tumor tumour ulcer urgences urinair vaccin vertig vih vomi wheelchair wound xray
    """
        )
    )
)
